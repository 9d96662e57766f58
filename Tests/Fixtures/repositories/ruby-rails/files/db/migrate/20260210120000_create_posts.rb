class CreatePosts < ActiveRecord::Migration[8.0]
  def change
    create_table(:posts) { |table| table.string :title }
  end
end
